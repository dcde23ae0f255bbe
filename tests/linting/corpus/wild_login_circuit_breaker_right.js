// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const breaker = (global.breaker = global.breaker || { failures: 0, openUntil: 0 });
  if (breaker.openUntil > Date.now()) return callback(new Error('The user service is down'));
  try {
    const { data } = await axios.post(`${configuration.API_URL}/login`, { usernameOrEmail, password }, { timeout: 4000 });
    breaker.failures = 0;
    return callback(null, { user_id: `svc|${data.id}`, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    breaker.failures += 1;
    if (breaker.failures >= 5) breaker.openUntil = Date.now() + 30000;
    return callback(err);
  }
}
