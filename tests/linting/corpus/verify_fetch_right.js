// kind: verify; expect: none
function verify(email, callback) {
  fetch(`${configuration.API_URL}/users/${encodeURIComponent(email)}/verified`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${configuration.API_TOKEN}` },
    signal: AbortSignal.timeout(5000),
  })
    .then((res) => {
      if (!res.ok) throw new Error(`The user service answered ${res.status}`);
      callback(null, true);
    })
    .catch((err) => callback(err));
}
