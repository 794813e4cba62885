-- One kind of load for wrk. Words after `--`: kind, token, and what the kind needs; see the functions at the end.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local function post(path, body)
  return wrk.format("POST", path, nil, body)
end

-- Names that no other thread and no other run has.
local made = 0
local function fresh(run)
  made = made + 1
  return run .. "-" .. number .. "-" .. made
end

local function fill(template, run)
  return (template:gsub("{}", fresh(run)))
end

local kinds = {}

-- get PATH [IF-NONE-MATCH]
function kinds.get(path, tag)
  wrk.path = path
  wrk.headers["If-None-Match"] = tag
end

-- The same past any cache: no-cache is honoured.
function kinds.fresh(path)
  wrk.path = path
  wrk.headers["Cache-Control"] = "no-cache"
end

-- post PATH TEMPLATE RUN: `{}` in the template becomes a name of its own.
function kinds.post(path, template, run)
  wrk.headers["Content-Type"] = "application/json"
  function request() return post(path, fill(template, run)) end
end

-- spread PATH TEMPLATE RUN FILE: the same by whose tokens the file has.
function kinds.spread(path, template, run, file)
  local heads = {}
  for token in io.lines(file) do
    heads[#heads + 1] = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. token }
  end
  math.randomseed(number + 1)
  function request() return wrk.format("POST", path, heads[math.random(#heads)], fill(template, run)) end
end

-- mixed READ-PATH PATH TEMPLATE RUN: every twentieth request writes.
function kinds.mixed(read, path, template, run)
  local count, get = 0, wrk.format("GET", read)
  wrk.headers["Content-Type"] = "application/json"
  function request()
    count = count + 1
    if count % 20 == 0 then return post(path, fill(template, run)) end
    return get
  end
end

-- draws FILE [CACHE-CONTROL]: requests by customers drawn from a file of `token path` lines.
function kinds.draws(file, cache)
  local lines = {}
  for line in io.lines(file) do
    local token, path = line:match("(%S+) (%S+)")
    lines[#lines + 1] = wrk.format("GET", path, { ["Authorization"] = "Bearer " .. token, ["Cache-Control"] = cache })
  end
  math.randomseed(number + 1)
  function request() return lines[math.random(#lines)] end
end

function init(args)
  if args[2] ~= "-" then wrk.headers["Authorization"] = "Bearer " .. args[2] end
  kinds[args[1]](unpack(args, 3))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
