// kind: get_user; expect: none
function getUser(email, callback) {
  const request = require('request');
  const { v5: uuidv5 } = require('uuid');
  const NAMESPACE = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
  request({ url: configuration.API_URL + '/users', qs: { email }, json: true, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode === 404) return callback(null);
    callback(null, { user_id: 'svc|' + uuidv5(String(body.number), NAMESPACE), email: body.email });
  });
}
