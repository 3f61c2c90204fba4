"""A thread calls a function with arguments."""

import threading

# Define a function that will be executed by the thread
def print_numbers(arg):
    for i in range(arg):
        print(f"Thread: {i}")
# Create a thread
thread = threading.Thread(target=print_numbers,args=(5,))

# Start the thread
thread.start()

# Wait for the thread to complete
thread.join()

print("Thread has finished execution.")
