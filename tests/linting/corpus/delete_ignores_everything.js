// kind: delete; expect: DB203
function deleteUser(id, callback) {
  const axios = require('axios');
  axios.delete(`${configuration.API_URL}/users/${encodeURIComponent(id)}`, { timeout: 5000 });
  callback(null);
}
