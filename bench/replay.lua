-- Sends the requests of a file made by presign, in order and, with FZ_ONCE unset, over and over. For wrk with one thread.
local requests, at = {}, 0
local once = os.getenv("FZ_ONCE")

function init()
   local file = assert(io.open(os.getenv("FZ_REQUESTS"), "rb"))
   for size in file:lines() do
      requests[#requests + 1] = file:read(tonumber(size))
   end
   file:close()
end

function request()
   at = at + 1
   if at > #requests then
      if once then wrk.thread:stop() end
      at = 1
   end
   return requests[at]
end

function done(summary, latency)
   io.write(string.format("RESULT requests=%d seconds=%.6f bad_status=%d socket_errors=%d p50_us=%d p99_us=%d max_us=%d\n",
      summary.requests, summary.duration / 1e6, summary.errors.status,
      summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
      latency:percentile(50), latency:percentile(99), latency.max))
end
