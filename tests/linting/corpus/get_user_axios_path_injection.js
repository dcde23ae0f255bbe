// kind: get_user; expect: DB402
function getUser(email, callback) {
  const axios = require('axios');
  const url = configuration.API_URL + '/users/' + email;
  axios
    .get(url, { timeout: 5000 })
    .then((res) => callback(null, { user_id: 'api|' + res.data.id, email: res.data.email }))
    .catch((err) => {
      if (err.response && err.response.status === 404) return callback(null);
      callback(err);
    });
}
