// kind: create; expect: DB405
function create(user, callback) {
  const axios = require('axios');
  console.log('creating user: ' + JSON.stringify(user));
  axios
    .post(`${configuration.API_URL}/users`, user, { timeout: 8000 })
    .then(() => callback(null))
    .catch((error) => callback(error));
}
