// kind: get_user; expect: none
async function getUser(email, callback) {
  const axios = require('axios');
  try {
    const { data } = await axios.get(`${configuration.API_URL}/users`, {
      params: { email },
      timeout: 5000,
      headers: { Authorization: `Bearer ${configuration.API_TOKEN}` },
    });
    if (!data.length) {
      return callback(null);
    }
    const [user] = data;
    return callback(null, { user_id: 'api|' + user.id, email: user.email });
  } catch (err) {
    if (err.response && err.response.status === 404) return callback(null);
    return callback(err);
  }
}
