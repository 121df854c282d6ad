"""Enqueues jobs one after the other as users of a Python queue do, and prints jobs a second.

Usage: enqueue.py rq|celery|huey|dramatiq SOCKET COUNT

Exit status: 0; 1 where the queue is not installed.
"""

import sys
import time

DETAILS = {
    "company": "acme", "task": "approve-access", "title": "Approve access for somebody", "priority": "normal",
    "attempt": 1,
}


def approve(number, details):
    pass


def with_rq(socket):
    import redis
    import rq

    queue = rq.Queue(connection=redis.Redis(unix_socket_path=socket))
    return lambda number: queue.enqueue("enqueue.approve", number, DETAILS)


def with_celery(socket):
    import celery

    app = celery.Celery("bench", broker=f"redis+socket://{socket}")
    task = app.task(approve, name="approve", ignore_result=True)
    return lambda number: task.delay(number, DETAILS)


def with_huey(socket):
    import huey
    import redis

    queue = huey.RedisHuey("bench", connection_pool=redis.ConnectionPool(
        connection_class=redis.UnixDomainSocketConnection, path=socket))
    task = queue.task()(approve)
    return lambda number: task(number, DETAILS)


def with_dramatiq(socket):
    import dramatiq
    import redis
    from dramatiq.brokers.redis import RedisBroker

    dramatiq.set_broker(RedisBroker(client=redis.Redis(unix_socket_path=socket)))
    actor = dramatiq.actor(approve)
    return lambda number: actor.send(number, DETAILS)


def main():
    name, socket, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    try:
        enqueue = globals()[f"with_{name}"](socket)
    except ImportError:
        return 1
    enqueue(0)  # connects
    start = time.perf_counter()
    for number in range(count):
        enqueue(number)
    print(count / (time.perf_counter() - start))
    return 0


if __name__ == "__main__":
    sys.exit(main())
