#!lua
-- Counts one record in the ranking, once.
-- KEYS: the marks of the records counted, the sorted set of the record's day.
-- ARGV: the record's mark, the keys' life in seconds, then product and units, pair by pair.
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[2], 'NX')
for i = 3, #ARGV, 2 do
  redis.call('ZINCRBY', KEYS[2], ARGV[i + 1], ARGV[i])
end
redis.call('EXPIRE', KEYS[2], ARGV[2], 'NX')
return 1
