// kind: login; expect: DB203, DB204
function login(usernameOrEmail, password, callback) {
  fetch(configuration.API_URL + '/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ usernameOrEmail, password }),
  })
    .then((res) => res.json())
    .then((body) => {
      if (!body.id) {
        callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      } else {
        callback(null, { user_id: 'svc|' + body.id, email: body.email });
      }
    });
}
