// kind: get_user; expect: none
async function getUser(email, callback) {
  const axios = require('axios');
  let lastError;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      const { data } = await axios.get(configuration.API_URL + '/users', { params: { email }, timeout: 3000 });
      if (!data.user) return callback(null);
      return callback(null, { user_id: 'svc|' + data.user.id, email: data.user.email });
    } catch (err) {
      lastError = err;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt + Math.random() * 50));
    }
  }
  return callback(lastError);
}
