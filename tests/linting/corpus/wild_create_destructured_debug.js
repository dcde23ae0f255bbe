// kind: create; expect: DB405
async function create(user, callback) {
  const axios = require('axios');
  const { email, password } = user;
  console.debug('create', { email, password });
  try {
    await axios.post(`${configuration.API_URL}/users`, { email, password }, { timeout: 5000 });
    callback(null);
  } catch (err) {
    callback(err);
  }
}
