// kind: get_user; expect: none
function getUser(email, callback) {
  const request = require('request');
  request({ url: configuration.API_URL + '/users', qs: { q: email }, json: true, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    let match = null;
    for (const user of body.users || []) {
      if (user.email.toLowerCase() === email.toLowerCase()) {
        match = { user_id: 'dir|' + user.id, email: user.email };
        break;
      }
    }
    callback(null, match);
  });
}
