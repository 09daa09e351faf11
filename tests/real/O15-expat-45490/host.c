// SPDX-License-Identifier: GPL-2.0-or-later
//
// Parses a document with attributes, text and an entity, in pieces, and counts what it
// was told. A negative length ends the fault's parser, which is not used again.
#include <expat.h>

#include "host.h"

enum { ITEMS = 200 };

struct seen {
  int elements, attributes, text;
};

static void begin(void *data, const XML_Char *name, const XML_Char **attributes) {
  struct seen *seen = data;
  seen->elements += name[0] == 'i';
  for (; *attributes; attributes += 2)
    seen->attributes++;
}
static void end(void *data, const XML_Char *name) {
  (void)data, (void)name;
}
static void text(void *data, const XML_Char *string, int length) {
  struct seen *seen = data;
  (void)string;
  seen->text += length;
}

static char document[ITEMS * 64 + 256];

static void prepare(void) {
  char *at = document + sprintf(document, "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY e "
                                          "\"<b>bold</b>\">]><d>");
  for (int i = 0; i < ITEMS; i++)
    at += sprintf(at, "<item number=\"%d\" kind=\"k\">t%03d&e;</item>", i, i);
  strcpy(at, "</d>");
}

static const char *work(void) {
  struct seen seen = {0, 0, 0};
  XML_Parser parser = XML_ParserCreate(NULL);
  size_t size = strlen(document), at = 0;
  const char *answer = "ok";
  XML_SetUserData(parser, &seen);
  XML_SetElementHandler(parser, begin, end);
  XML_SetCharacterDataHandler(parser, text);
  while (at < size && answer[0] == 'o') {
    int piece = size - at < 1000 ? (int)(size - at) : 1000;
    void *buffer = XML_GetBuffer(parser, 1000);
    memcpy(buffer, document + at, (size_t)piece);
    at += (size_t)piece;
    if (XML_ParseBuffer(parser, piece, at == size) != XML_STATUS_OK)
      answer = XML_ErrorString(XML_GetErrorCode(parser));
  }
  XML_ParserFree(parser);
  if (answer[0] == 'o' &&
      (seen.elements != ITEMS || seen.attributes != 2 * ITEMS || seen.text != 8 * ITEMS))
    answer = "wrong count";
  return answer;
}

static const char *fault(void) {
  XML_Parser parser = XML_ParserCreate(NULL);
  const char *answer = "another error";
  XML_GetBuffer(parser, 16);
  if (XML_ParseBuffer(parser, -1, 0) == XML_STATUS_OK)
    answer = "vulnerable";
  else if (XML_GetErrorCode(parser) == XML_ERROR_INVALID_ARGUMENT)
    answer = "fixed";
  XML_ParserFree(parser);
  return answer;
}
