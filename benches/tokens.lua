-- wrk: a token of its own for each request, from the file TOKENS; stops when they are used up.
local tokens, used = {}, 0

function init()
  for token in io.lines(os.getenv("TOKENS")) do
    tokens[#tokens + 1] = wrk.format("GET", nil, { authorization = "Bearer " .. token })
  end
end

function request()
  used = used + 1
  if used >= #tokens then wrk.thread:stop() end
  return tokens[math.min(used, #tokens)]
end
