__thread int elsewhere = 400;
