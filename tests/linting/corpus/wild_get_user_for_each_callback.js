// kind: get_user; expect: DB202, DB201
function getUser(email, callback) {
  const request = require('request');
  request({ url: configuration.API_URL + '/users', qs: { q: email }, json: true, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    body.users.forEach((user) => {
      if (user.email === email) callback(null, { user_id: 'dir|' + user.id, email: user.email });
    });
  });
}
