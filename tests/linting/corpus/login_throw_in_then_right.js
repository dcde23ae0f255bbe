// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  axios
    .post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000, validateStatus: () => true })
    .then((response) => {
      if (response.status === 401) throw new WrongUsernameOrPasswordError(usernameOrEmail);
      if (response.status !== 200) throw new Error('status ' + response.status);
      return { user_id: 'svc|' + response.data.id, email: response.data.email };
    })
    .then((profile) => callback(null, profile), (error) => callback(error));
}
