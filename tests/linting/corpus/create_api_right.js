// kind: create; expect: none; context: yes
function create(user, context, callback) {
  const axios = require('axios');
  axios
    .post(
      `${configuration.API_URL}/users`,
      { email: user.email, password: user.password, username: user.username },
      { timeout: 8000, headers: { Authorization: 'Bearer ' + configuration.API_TOKEN } }
    )
    .then(() => callback(null))
    .catch((error) => {
      if (error.response && error.response.status === 409) {
        callback(new ValidationError('user_exists', 'A user with this address exists'));
        return;
      }
      callback(error);
    });
}
