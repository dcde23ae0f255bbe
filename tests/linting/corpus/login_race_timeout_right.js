// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const timeout = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('The user service did not answer in time')), 8000);
  });
  const answer = fetch(`${configuration.API_URL}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ usernameOrEmail, password }),
  }).then((res) => (res.status === 200 ? res.json() : null));

  Promise.race([answer, timeout])
    .then((user) => {
      if (!user) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      return callback(null, { user_id: 'svc|' + user.id, email: user.email });
    })
    .catch((err) => callback(err));
}
