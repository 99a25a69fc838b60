global using RpcStatus = Grpc.Core.Status;
global using Core = PodAgent.Api.Core;
global using Cri = PodAgent.Api.Cri;
global using Meta = PodAgent.Api.Meta;
global using PodAgent.Linux;
