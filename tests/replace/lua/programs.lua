-- SPDX-License-Identifier: GPL-2.0-or-later
-- Small programs: queens, sieve, n-body, string building, a parser, mandelbrot.
local function queens(n)
  local count, cols, d1, d2 = 0, {}, {}, {}
  local function place(row)
    if row > n then count = count + 1 return end
    for c = 1, n do
      if not cols[c] and not d1[row + c] and not d2[row - c] then
        cols[c], d1[row + c], d2[row - c] = true, true, true
        place(row + 1)
        cols[c], d1[row + c], d2[row - c] = nil, nil, nil
      end
    end
  end
  place(1)
  return count
end
print("queens", queens(7))
local sieve, primes = {}, 0
for i = 2, 30000 do if not sieve[i] then primes = primes + 1 for j = i * i, 30000, i do sieve[j] = true end end end
print("primes", primes)
local x, v = 1.0, 0.0
for _ = 1, 20000 do v = v - x * 0.001 x = x + v * 0.001 end
print(string.format("spring %.9f %.9f", x, v))
local parts = {}
for i = 1, 3000 do parts[#parts + 1] = ("%03d"):format(i % 997) end
local text = table.concat(parts, ",")
local sum = 0
for n in text:gmatch("%d+") do sum = sum + tonumber(n) end
print("concat", #text, sum, (text:gsub("(%d)(%d)", "%2%1")):sub(1, 40))
local function parse(s)
  local at = 1
  local expr
  local function atom()
    if s:sub(at, at) == "(" then at = at + 1 local r = expr() at = at + 1 return r end
    local n = s:match("^%d+", at) at = at + #n return tonumber(n)
  end
  local function term()
    local r = atom()
    while s:match("^[*/]", at) do local o = s:sub(at, at) at = at + 1 local y = atom() if o == "*" then r = r * y else r = r / y end end
    return r
  end
  function expr()
    local r = term()
    while s:match("^[+-]", at) do local o = s:sub(at, at) at = at + 1 local y = term() if o == "+" then r = r + y else r = r - y end end
    return r
  end
  return expr()
end
print("parse", parse("2*(3+4)*5-6/(1+1)"))
local rows = {}
for py = 0, 11 do
  local row = {}
  for px = 0, 39 do
    local cr, ci, zr, zi, n = px / 20 - 1.5, py / 6 - 1, 0, 0, 0
    while n < 50 and zr * zr + zi * zi < 4 do zr, zi, n = zr * zr - zi * zi + cr, 2 * zr * zi + ci, n + 1 end
    row[#row + 1] = n == 50 and "#" or n > 5 and "+" or "."
  end
  rows[#rows + 1] = table.concat(row)
end
print(table.concat(rows, "\n"))
error({ code = 2 })
