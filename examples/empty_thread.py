"""A thread with nothing to do is started and waited for."""

import threading

# Create a thread
thread = threading.Thread()

# Start the thread
thread.start()

# Wait for the thread to complete
thread.join()

print("Thread has finished execution.")
