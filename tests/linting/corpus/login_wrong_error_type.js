// kind: login; expect: DB206
function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  axios
    .post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000, validateStatus: () => true })
    .then((response) => {
      if (response.status === 401) return callback(new Error('Wrong username or password'));
      if (response.status !== 200) return callback(new Error('status ' + response.status));
      return callback(null, { user_id: 'svc|' + response.data.id, email: response.data.email });
    })
    .catch(callback);
}
