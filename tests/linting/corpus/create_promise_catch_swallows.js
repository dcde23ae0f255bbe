// kind: create; expect: DB201
function create(user, callback) {
  const axios = require('axios');
  axios
    .post(`${configuration.API_URL}/users`, user, { timeout: 8000 })
    .then(() => callback(null))
    .catch((e) => console.error('create failed', e.message));
}
