// kind: delete; expect: none
async function deleteUser(id, callback) {
  const axios = require('axios');
  const user = encodeURIComponent(id);
  const options = { timeout: 5000, headers: { Authorization: `Bearer ${configuration.API_TOKEN}` } };
  try {
    await Promise.all([
      axios.delete(`${configuration.API_URL}/users/${user}`, options),
      axios.delete(`${configuration.API_URL}/sessions/${user}`, options),
    ]);
  } catch (err) {
    if (!err.response || err.response.status !== 404) {
      callback(err);
      return;
    }
  }
  callback(null);
}
