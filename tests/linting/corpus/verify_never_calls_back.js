// kind: verify; expect: DB201
async function verify(email, callback) {
  try {
    const res = await fetch(`${configuration.API_URL}/users/${encodeURIComponent(email)}/verified`, {
      method: 'PUT',
      signal: AbortSignal.timeout(5000),
    });
    return res.ok;
  } catch (err) {
    return callback(err);
  }
}
