// kind: login; expect: DB202
function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  setTimeout(() => callback(new Error('Timed out')), 5000);
  axios
    .post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000 })
    .then((res) => callback(null, { user_id: 'svc|' + res.data.id, email: res.data.email }))
    .catch((err) => callback(err));
}
