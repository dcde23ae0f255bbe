// kind: get_user; expect: DB403
async function getUser(email, callback) {
  const BASE = 'http://10.20.0.15:8080/legacy';
  try {
    const res = await fetch(`${BASE}/users?email=${encodeURIComponent(email)}`, { signal: AbortSignal.timeout(5000) });
    if (res.status === 404) return callback(null);
    const user = await res.json();
    return callback(null, { user_id: `api|${user.id}`, email: user.email });
  } catch (err) {
    return callback(err);
  }
}
