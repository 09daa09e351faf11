// SPDX-License-Identifier: GPL-2.0-or-later
//
// Filling an HTML template with JSON. What is filled in is always escaped: there
// is no way to put markup through, whatever a symbol or a source line holds.
//
//     {{name}}               the value as text
//     {{#name}}...{{/name}}  once for each element of an array, once for anything
//                            else unless it is missing, false, 0, "" or empty
//     {{^name}}...{{/name}}  the other way round
//     {{.}}                  the element itself
//
// Names are looked up in the element, then in what is around it. (The notation is
// that of mustache; what is not above is not there.)
#pragma once

#include <string>
#include <string_view>

#include "lib/json/json.h"

namespace care::make {

// Throws Error when the template is malformed or {{name}} is missing in `facts`.
std::string fill_template(std::string_view text, const Json &facts);

// `text` for an HTML element or a quoted attribute. Control characters and those that
// reverse the direction of writing, which make code look like other code, are
// shown by number.
std::string html_text(std::string_view text);

} // namespace care::make
