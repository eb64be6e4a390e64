#!lua
-- Publishes one record to the data platform, once.
-- KEYS: the marks of the records published, the stream.
-- ARGV: the record's mark, the keys' life in seconds, then the entry's six values.
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[2], 'NX')
redis.call('XADD', KEYS[2], '*', 'order', ARGV[3], 'kind', ARGV[4], 'day', ARGV[5],
  'user', ARGV[6], 'amount', ARGV[7], 'lines', ARGV[8])
redis.call('EXPIRE', KEYS[2], ARGV[2], 'NX')
return 1
