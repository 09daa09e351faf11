// SPDX-License-Identifier: GPL-2.0-or-later
//
// Sends messages to itself, with AES-OCB. The fault is an empty message that somebody made up:
// its tag is nothing but zeros.
#include "host.h"

#include <openssl/evp.h>

enum { TAG = 16 };

static const unsigned char key[16] = "a key, sixteen.", nonce[12] = "twelve only";

static void prepare(void) {}

static EVP_CIPHER_CTX *begin(int encrypt, unsigned char *tag) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  if (context && EVP_CipherInit_ex(context, EVP_aes_128_ocb(), NULL, key, nonce, encrypt) == 1 &&
      (encrypt || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) == 1))
    return context;
  EVP_CIPHER_CTX_free(context);
  return NULL;
}

static const char *work(void) {
  unsigned char message[1000], hidden[1000 + TAG], shown[1000 + TAG], tag[TAG];
  EVP_CIPHER_CTX *context = begin(1, tag);
  int length = 0, last = 0;
  memset(message, 'm', sizeof message);
  if (!context || EVP_EncryptUpdate(context, hidden, &length, message, sizeof message) != 1 ||
      EVP_EncryptFinal_ex(context, hidden + length, &last) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, tag) != 1)
    return "not encrypted";
  EVP_CIPHER_CTX_free(context);
  context = begin(0, tag);
  if (!context || EVP_DecryptUpdate(context, shown, &length, hidden, sizeof message) != 1 ||
      EVP_DecryptFinal_ex(context, shown + length, &last) != 1)
    return "not decrypted";
  EVP_CIPHER_CTX_free(context);
  return memcmp(message, shown, sizeof message) == 0 ? "ok" : "another message";
}

static const char *fault(void) {
  unsigned char tag[TAG] = {0}, out[TAG];
  EVP_CIPHER_CTX *context = begin(0, tag);
  int length = EVP_Cipher(context, out, NULL, 0); // the end of the message
  EVP_CIPHER_CTX_free(context);
  return length < 0 ? "fixed" : "vulnerable";
}
