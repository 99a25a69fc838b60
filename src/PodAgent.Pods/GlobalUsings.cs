// Pods speak two vocabularies that share names (Container, ContainerStatus, Volume): the alias says which one is meant.
global using Core = PodAgent.Api.Core;
global using Cri = PodAgent.Api.Cri;
global using Meta = PodAgent.Api.Meta;
global using PodAgent.Linux;
