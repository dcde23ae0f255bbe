// kind: get_user; expect: DB404
async function getUser(email, callback) {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  try {
    const res = await fetch(`${configuration.API_URL}/users?email=${encodeURIComponent(email)}`, { signal: AbortSignal.timeout(5000) });
    if (res.status === 404) return callback(null);
    const user = await res.json();
    return callback(null, { user_id: `api|${user.id}`, email: user.email });
  } catch (err) {
    return callback(err);
  }
}
