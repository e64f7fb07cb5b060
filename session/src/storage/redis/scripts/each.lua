-- Carries out several calls, which have nothing to do with each other.
-- KEYS: those of the calls, one after the other. ARGV: one text that holds how many keys each has; that of each.

local keys, args, answers, last = KEYS, ARGV, {}, 0
for i, n in ipairs(cmsgpack.unpack(args[1])) do
  begin({unpack(keys, last + 1, last + n)}, args[i + 1])
  local carried_out, answer = pcall(carry_out)
  answers[i] = carried_out and answer or failed(answer)
  -- That is about the server, and nobody's own.
  if not carried_out and string.find(answers[i][2], 'READONLY', 1, true) then error(answer, 0) end
  last = last + n
end
return answers
