// kind: get_user; expect: DB401
function getUser(email, callback) {
  const request = require('request');
  request(
    {
      url: 'https://directory.acme.com/users',
      qs: { email: email },
      json: true,
      timeout: 5000,
      headers: { Authorization: 'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzdmMtYXV0aDAifQ.Zf3vQm0pX9yR2kT7bN5cL1dW8hJ4sG6u' },
    },
    function (err, res, body) {
      if (err) return callback(err);
      if (res.statusCode === 404) return callback(null);
      callback(null, { user_id: 'dir|' + body.id, email: body.email });
    }
  );
}
