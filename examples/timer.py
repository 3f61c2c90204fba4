"""A function is called three seconds later, in a thread of its own."""

import threading

# Define a function that will be executed by the thread
def print_numbers(arg):
    for i in range(arg):
        print(f"Thread: {i}")
# Create a thread after 3 seconds
thread = threading.Timer(3,print_numbers,args=(5,))

# Start the thread
thread.start()

# Wait for the thread to complete
thread.join()

print("Thread has finished execution.")
