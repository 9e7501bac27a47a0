using MtlsSidecar.Authority.Benchmarks;

// Measures the built program from outside. Build it with -c Release first, and give the machine nothing else to do.
Func<Task>[] benchmarks = args switch
{
    ["crl"] => [CrlBenchmark.RunAsync],
    ["enrolment"] => [EnrolmentBenchmark.RunAsync],
    ["ocsp"] => [OcspBenchmark.RunAsync],
    [] => [CrlBenchmark.RunAsync, EnrolmentBenchmark.RunAsync, OcspBenchmark.RunAsync],
    _ => throw new ArgumentException("crl, enrolment, ocsp, or nothing for all"),
};
foreach (var benchmark in benchmarks)
{
    await benchmark();
}
