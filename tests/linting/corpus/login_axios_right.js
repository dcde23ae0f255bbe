// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const axios = require('axios');

  axios
    .post(
      `${configuration.API_BASE_URL}/v1/login`,
      { username: usernameOrEmail, password },
      { headers: { 'x-api-key': configuration.API_KEY }, timeout: 10000 }
    )
    .then(({ data }) =>
      callback(null, {
        user_id: `api|${data.id}`,
        email: data.email,
        email_verified: data.emailVerified,
        given_name: data.firstName,
        family_name: data.lastName,
      })
    )
    .catch((err) => {
      if (err.response && err.response.status === 401) {
        return callback(new WrongUsernameOrPasswordError(usernameOrEmail, 'Invalid credentials'));
      }
      return callback(new Error('Login service failed: ' + err.message));
    });
}
