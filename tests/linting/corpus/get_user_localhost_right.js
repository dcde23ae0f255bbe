// kind: get_user; expect: none
async function getUser(email, callback) {
  const base = configuration.API_URL || 'http://localhost:3000';
  try {
    const res = await fetch(`${base}/users?email=${encodeURIComponent(email)}`, { signal: AbortSignal.timeout(5000) });
    if (res.status === 404) return callback(null);
    if (!res.ok) return callback(new Error('Unexpected status ' + res.status));
    const user = await res.json();
    return callback(null, { user_id: `api|${user.id}`, email: user.email });
  } catch (err) {
    return callback(err);
  }
}
