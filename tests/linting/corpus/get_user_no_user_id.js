// kind: get_user; expect: DB301
async function getUser(email, callback) {
  try {
    const res = await fetch(`${configuration.API_URL}/users?email=${encodeURIComponent(email)}`, { signal: AbortSignal.timeout(5000) });
    if (res.status === 404) return callback(null);
    const user = await res.json();
    return callback(null, { email: user.email, name: user.fullName, nickname: user.login });
  } catch (err) {
    return callback(err);
  }
}
