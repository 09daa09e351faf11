-- SPDX-License-Identifier: GPL-2.0-or-later
-- The language and its library, a line of output for each part.
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print("fib", fib(22))
local t = {}
for i = 1, 20000 do t[i] = (i * 7919) % 10007 end
table.sort(t, function(a, b) return a > b end)
print("sort", t[1], t[100], t[20000], select("#", table.unpack(t, 1, 200)))
print("strings", #("x"):rep(100):gsub("x", function() return "yz" end), ("%d+"):len(),
  ("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("abc"):byte(1, -1), ("a,b,,c"):find(",,", 1, true))
print("format", string.format("%5.2f|%-8s|%08x|%q|%g|%a|%i", 3.14159, "ab", 48879, "a\n\0b", 1e100, 1.0, -7))
print("pack", string.unpack("<i4 z s1 d", string.pack("<i4 z s1 d", -77, "zero", "one", 2.5)))
print("errors", pcall(error, { 1 }) and 1 or 0, pcall(function() local a; return a.b end),
  select(2, pcall(string.rep, "x", -1)), select(2, pcall(setmetatable, 1, 2)))
print("handler", xpcall(function() error("deep", 2) end, function(m) return "<" .. m .. ">" end))
local produce = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i, i * i) end return "end" end)
print("coroutine", produce(), produce(), produce())
local co = coroutine.create(function() local x <close> = setmetatable({}, { __close = function() print("closed") end }) coroutine.yield() end)
coroutine.resume(co) print(coroutine.close(co), coroutine.status(co))
print("numbers", 10 // 3, -10 // 3, 7 % -3, 7.5 % 2, 2 ^ 0.5, 1 << 62, ~5, 7 // 0.0, -7 % math.huge, 0x.8p1, math.tointeger(3.0))
print("integers", math.maxinteger + 1 == math.mininteger, math.ult(1, -1), 5 // -2, "10" + 5, "0x10" * 2)
print("utf8", utf8.char(228, 8364, 0x10FFFF), utf8.len("äöü"), utf8.codepoint("€", 1))
local Account = {} Account.__index = Account
Account.__add = function(a, b) return setmetatable({ n = a.n + b.n }, Account) end
Account.__lt = function(a, b) return a.n < b.n end
Account.__tostring = function(a) return "<" .. a.n .. ">" end
Account.__call = function(self, x) return self.n * x end
Account.__concat = function(a, b) return tostring(a) .. tostring(b) end
local a, b = setmetatable({ n = 3 }, Account), setmetatable({ n = 4 }, Account)
print("meta", tostring(a + b), a < b, a(10), a .. b, rawequal(a, b), rawlen({ 1, 2 }))
for i = 10, 1, -3 do io.write(i, " ") end
for k, v in pairs({ 10, 20, x = 1 }) do io.write(tostring(k), "=", v, " ") end
print()
do local s = 0 for i = 1, 100 do if i % 2 == 0 then goto continue end s = s + i ::continue:: end print("goto", s) end
print("load", load("return ...", "chunk", "t", {})(42), load("x ="), load(string.dump(function(x) return x + 1 end))(1))
local weak = setmetatable({}, { __mode = "k" })
for _ = 1, 1000 do weak[{}] = true end
collectgarbage() collectgarbage("generational")
for _ = 1, 200 do local g = {} for j = 1, 50 do g[j] = { j, tostring(j) } end end
collectgarbage("incremental") collectgarbage()
print("weak", next(weak) == nil, collectgarbage("count") > 10)
local name = os.tmpname()
local f = assert(io.open(name, "w")) f:write("one\n", 2, "\n", 3.5, "\n") f:close()
for l in io.lines(name) do io.write("[", l, "]") end
f = io.open(name) print(f:read("l", "n", "n"), f:seek("set", 1), f:read(2)) f:close() os.remove(name)
print("time", os.time({ year = 2020, month = 1, day = 1, hour = 12 }) - os.time({ year = 2019, month = 12, day = 31, hour = 12 }), os.date("!%Y-%m-%d", 86400))
print("arguments", ...)
print("require", pcall(require, "no.such.module") == false, package.loaded.math == math)
print(debug.traceback("trace", 1):match("^[^\n]*"), debug.getinfo(1, "l").currentline, debug.getinfo(fib, "u").nups)
print("deep", select(2, pcall(function() local function r() return 1 + r() end return r() end)):match("stack overflow"))
os.exit(7)
