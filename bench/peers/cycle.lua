-- Asks for several things in turn: wrk … URL -- ENCODING PATH TOKEN PATH TOKEN …
local requests, turn = {}, 0

function init(args)
  for i = 2, #args, 2 do
    local headers = { ["Accept-Encoding"] = args[1], ["Authorization"] = "Bearer " .. args[i + 1] }
    requests[#requests + 1] = wrk.format("GET", args[i], headers)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local e = summary.errors
  local failed = e.connect + e.read + e.write + e.status + e.timeout
  io.write(string.format('{"requests":%d,"bytes":%d,"us":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.bytes, summary.duration, failed, latency:percentile(50), latency:percentile(99)))
end
