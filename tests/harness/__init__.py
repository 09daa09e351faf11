# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests above unit level share.

process     runs commands, and programs in the background
target      a program that is patched: asked line by line, looked at through /proc
doctor      libcare-ctl as tests use it
build       kpatch_make and the compilers of this machine
matrix      combinations of compiler, optimisation, model, debug information, cf-protection
namespaces  functions and commands in a PID namespace of their own
case        a case of tests/cases in one configuration
session     the folder of one run, and what is built once in it
machine     what a machine may lack
closing     the last lines of a run
settings    what the environment says: BUILD, KEEP
"""
