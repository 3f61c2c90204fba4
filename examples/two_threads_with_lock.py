"""Two threads print, one line at a time, under a lock."""

import threading

lock = threading.Lock()

def print_numbers(thread_name):
    for i in range(10):
        with lock:
            print(f"{thread_name}: {i}")

# Create multiple threads
thread1 = threading.Thread(target=print_numbers, args=("Thread 1",))
thread2 = threading.Thread(target=print_numbers, args=("Thread 2",))

# Start the threads
thread1.start()
thread2.start()

# Wait for both threads to complete
thread1.join()
thread2.join()

print("Both threads have finished execution.")
