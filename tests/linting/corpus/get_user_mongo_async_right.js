// kind: get_user; expect: none
async function getUser(email, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });
  let user;
  try {
    await client.connect();
    user = await client.db('portal').collection('users').findOne({ email }, { projection: { email: 1, name: 1 } });
  } catch (err) {
    return callback(err);
  } finally {
    await client.close().catch(() => undefined);
  }
  if (!user) return callback(null);
  return callback(null, { user_id: 'portal|' + user._id.toString(), email: user.email, name: user.name });
}
