// kind: create; expect: DB201
async function create(user, callback) {
  const axios = require('axios');
  try {
    await axios.post(`${configuration.API_URL}/users`, user, { timeout: 8000 });
    callback(null);
  } catch (e) {
    console.error('create failed', e.message);
  }
}
