// kind: change_password; expect: none; context: yes
async function changePassword(email, newPassword, context, callback) {
  const { MongoClient } = require('mongodb');
  const bcrypt = require('bcrypt');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });
  let changed = false;
  let failure = null;
  try {
    await client.connect();
    const hash = await bcrypt.hash(newPassword, 10);
    const result = await client.db('accounts').collection('users').updateOne({ email }, { $set: { password: hash } });
    changed = result.matchedCount === 1;
  } catch (err) {
    failure = err;
  }
  await client.close().catch(() => {});
  if (failure) {
    callback(failure);
  } else {
    callback(null, changed);
  }
}
