// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const crypto = require('crypto');
  try {
    const { data } = await axios.post(`${configuration.API_URL}/login`, { usernameOrEmail, password }, { timeout: 4000 });
    const sha1 = crypto.createHash('sha1').update(password).digest('hex').toUpperCase();
    const leaked = await axios
      .get(`https://api.pwnedpasswords.com/range/${sha1.slice(0, 5)}`, { timeout: 2000 })
      .then((res) => res.data.includes(sha1.slice(5)))
      .catch(() => false);
    return callback(null, { user_id: `svc|${data.id}`, email: data.email, metadata: { password_leaked: leaked } });
  } catch (err) {
    if (err.response && err.response.status === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(err);
  }
}
